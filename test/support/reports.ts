import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { asset } from '../../src/assets.js';
import type { ArtifactReport, Finding, FindReport, RunFacts, Summary } from '../../src/model.js';

/** The JSON report as one document (contract: DESIGN, "the JSON report"). */
export interface Report extends RunFacts {
  verdict: Summary['verdict'];
  complete: boolean;
  artifacts: ArtifactReport[];
  findings: Finding[];
  find: FindReport[];
  summary: Omit<Summary, 'verdict' | 'complete'>;
}

let validator: ValidateFunction<Report> | undefined;

/** Throws unless `value` is a report by the schema that ships in the package. */
export function validateReport(value: unknown): Report {
  validator ??= new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile<Report>(
    JSON.parse(readFileSync(asset('dist/schema/report.schema.json'), 'utf8')),
  );
  if (validator(value)) return value;
  const errors = (validator.errors ?? []).map((e) => `${e.instancePath || '/'}: ${e.message}`);
  throw new Error(`the report breaks its schema:\n${errors.slice(0, 20).join('\n')}`);
}
