import { expect, test } from '@jest/globals';
import { openRulebook } from '../../../src/detect/rulebook/rulebook.js';
import { packTables } from '../../../src/sweep/values/tables.js';

// The tables hold indices of rules: those of another list would name another service.
test('the shipped tables are those of the rules that are on by default', async () => {
  const { rules, net } = await openRulebook({});
  expect(net.values?.names).toBeDefined();
  const shipped = Buffer.from(new Uint8Array(net.values!.names!));
  expect(shipped.equals(packTables(rules.rules))).toBe(true);
});
