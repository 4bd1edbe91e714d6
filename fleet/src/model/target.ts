export type { Target } from '../../../src/core/model/target.js';
