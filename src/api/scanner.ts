export type { ChildLimits, ScannerOptions } from '../core/options/check-options.js';
export type { SealedBytes, SealedSource } from '../scan/child/messages.js';
export { type ChildDescriptors, type ChildSource, ScanChild } from '../scan/child/scan-child.js';
export { type EachOptions, Scanner } from '../scan/scanner.js';
export type { GivenSource, SourceInput } from '../source/types.js';
export { compileGlob, type FileOptions, type FoundFile, listFiles, type NameTest } from './files.js';
