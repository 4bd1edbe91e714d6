import type { Format } from '../core/model/report.js';
import { csv } from './csv.js';
import { html } from './html.js';
import { json } from './json.js';
import { junit } from './junit.js';
import { lines } from './lines.js';
import { markdown } from './markdown.js';
import { ndjson } from './ndjson.js';
import { pretty } from './pretty.js';
import { sarif } from './sarif.js';
import type { ReporterFactory } from './types.js';

/** By the name in `--format` and `--output`. Reporters do not mask or escape: `sanitize` comes first. */
export const reporters: Readonly<Record<Format, ReporterFactory>> = {
  pretty,
  json,
  ndjson,
  sarif,
  markdown,
  junit,
  csv,
  lines,
  html,
};
