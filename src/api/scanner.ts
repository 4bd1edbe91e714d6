export type { ChildLimits, ScannerOptions } from '../options/scan-options.js';
export type { SealedBytes, SealedSource } from '../scanner/child/messages.js';
export { type ChildDescriptors, type ChildSource, ScanChild } from '../scanner/child/scan-child.js';
export { type EachOptions, Scanner } from '../scanner/scanner.js';
export type { GivenSource, SourceInput } from '../source/types.js';
export { compileGlob, type FileOptions, type FoundFile, listFiles, type NameTest } from './files.js';
