/** What `dumpsieve hunt` does: a store of what was found in many dumps, and workers that fill it. */

export { useHost } from './host.js';
