export type { Target } from '../../../src/model/target.js';
