/** What differs between two equal runs, or with each version: times, versions, the identity of the rules. */
const VARYING: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/("(?:startedAt|startTimeUtc|endTimeUtc)":\s*)"[^"]*"/g, '$1"TIME"'],
  [/("seconds":\s*)[\d.]+/g, '$1SECONDS'],
  [/("automationDetails":\s*\{"id":\s*"dumpsieve\/)[^"]*"/g, '$1TIME"'],
  [/( time|timestamp)="[^"]*"/g, '$1="TIME"'],
  [/("name":\s*"dumpsieve",\s*"version":\s*)"[^"]*"/g, '$1"VERSION"'],
  [/("rules":\s*)\{\s*"count":\s*\d+,\s*"sha256":\s*"\w+"\s*\}/g, '$1RULES'],
  [/\bby [\d,]+ rules\b/g, 'by N rules'],
  [/\bin [\d,.]+ (?:ms|s|min)\b/g, 'in TIME'],
];

/** A report, manifest or message without these, and with `folder` replaced by a name. */
export function normalised(text: string, folder: string): string {
  const plain = text.replaceAll(folder, '/frozen');
  return VARYING.reduce((done, [pattern, by]) => done.replace(pattern, by), plain);
}
