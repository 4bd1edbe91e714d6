import { describe, expect, test } from '@jest/globals';
import { checkedLookup, isAllowed } from '../../../fleet/src/listing/addresses.js';
import '../listed.js';

describe('addresses', () => {
  test.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'febf::1',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '::169.254.169.254',
    'not an address',
  ])('%s is refused', (address) => {
    expect(isAllowed(address, false)).toBe(false);
    expect(isAllowed(address, true)).toBe(false);
  });

  test.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'])(
    '%s is refused unless it is named',
    (address) => {
      expect(isAllowed(address, false)).toBe(false);
      expect(isAllowed(address, true)).toBe(true);
    },
  );

  test.each([
    '93.184.215.14',
    '10.0.0.1',
    '192.168.1.1',
    '2606:2800:220:1::1',
    'fd12::1',
    '64:ff9b::808:808',
  ])('%s is allowed', (address) => {
    expect(isAllowed(address, false)).toBe(true);
  });

  test('a name that leads to this machine is refused, but for its own names', async () => {
    const lookup = (isLoopbackNamed: boolean) =>
      new Promise((resolve, reject) => {
        checkedLookup(isLoopbackNamed)('localhost', {}, (error, address) =>
          error ? reject(error) : resolve(address),
        );
      });
    await expect(lookup(false)).rejects.toMatchObject({ code: 'address-refused', exit: 2 });
    expect(['127.0.0.1', '::1']).toContain(await lookup(true));
  });
});
