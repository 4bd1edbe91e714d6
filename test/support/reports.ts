import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import type {
  ArtifactReport,
  Finding,
  FindReport,
  RunFacts,
  ScanEvent,
  Summary,
} from '../../src/core/model/report.js';

/** The JSON report as one document. */
export interface Report extends RunFacts {
  verdict: Summary['verdict'];
  complete: boolean;
  artifacts: ArtifactReport[];
  findings: Finding[];
  find: FindReport[];
  summary: Omit<Summary, 'verdict' | 'complete'>;
}

/** Throws unless a value conforms to the published schema, or to the part of it at `pointer`. */
function validation<T>(what: string, pointer: string): (value: unknown) => T {
  let validator: ValidateFunction<T> | undefined;
  return (value) => {
    validator ??= new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
      .addSchema(JSON.parse(readFileSync(asset('dist/schema/report.schema.json'), 'utf8')), 'report')
      .compile<T>({ $ref: `report#${pointer}` });
    if (validator(value)) return value;
    const errors = (validator.errors ?? []).map((e) => `${e.instancePath || '/'}: ${e.message}`);
    throw new Error(`${what} breaks its schema:\n${errors.slice(0, 20).join('\n')}`);
  };
}

export const validateReport = validation<Report>('the report', '');
/** One event of the library, one line of ndjson. */
export const validateEvent = validation<ScanEvent>('an event', '/$defs/event');

/** What `report --since` prints as JSON. */
export const validateChanges = validation<object>('the comparison', '/$defs/changes');

/** A report printed by a run or written to a file. Only these two formats are JSON by this schema. */
export function validateText(format: string, text: string): void {
  if (format === 'json') validateReport(JSON.parse(text));
  if (format === 'ndjson') for (const line of text.trim().split('\n')) validateEvent(JSON.parse(line));
}
