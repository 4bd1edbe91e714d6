import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { asset } from '../../src/core/base/runtime/assets.js';
import { program } from '../support/programs.js';

/** Validates reports by the schemas of their consumers (test/report/schemas). */

/** Characters of RFC 3986, and percent signs with two digits. */
const REFERENCE = /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/;

const FORMATS = {
  uri: (text: string) => REFERENCE.test(text) && URL.canParse(text),
  'uri-reference': (text: string) => REFERENCE.test(text) && URL.canParse(text, 'file:///base/'),
  'date-time': (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text),
};

let sarifShape: ValidateFunction | undefined;

function compileSarif(): ValidateFunction {
  const text = readFileSync(asset('test/report/schemas/sarif-2.1.0-rtm.5.json'), 'utf8');
  // Draft 04 and 07 differ in the name of `id` and in boolean exclusiveMinimum, which is not used here.
  const { id: _id, $schema: _schema, ...schema } = JSON.parse(text) as Record<string, unknown>;
  if (text.includes('exclusiveM')) throw new Error('the schema needs a validator for draft 04');
  return new Ajv({ strict: false, allErrors: true, unicodeRegExp: false, formats: FORMATS }).compile(schema);
}

/** Violations of the SARIF schema. */
export function sarifProblems(report: string): string[] {
  sarifShape ??= compileSarif();
  if (sarifShape(JSON.parse(report))) return [];
  return (sarifShape.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

/** Errors of xmllint for a JUnit report. A test that calls it must name xmllint in describeWith. */
export function junitProblems(report: string, folder: string): string {
  const file = join(folder, 'junit.xml');
  writeFileSync(file, report);
  const schema = fileURLToPath(asset('test/report/schemas/jenkins-junit.xsd'));
  try {
    execFileSync(program('xmllint'), ['--noout', '--schema', schema, file], { stdio: 'pipe' });
    return '';
  } catch (error) {
    return String((error as { stderr?: Buffer }).stderr);
  }
}
