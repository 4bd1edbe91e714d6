export type { ScannerOptions } from '../options/scan-options.js';
export { type EachOptions, Scanner } from '../scanner/scanner.js';
export type { GivenSource, SourceInput } from '../source/types.js';
