import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { failure } from '../host.js';

const listOf = (...subnets: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList();
  for (const [address, bits] of subnets)
    list.addSubnet(address, bits, address.includes(':') ? 'ipv6' : 'ipv4');
  return list;
};

/** This machine (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3). */
const LOOPBACK = listOf(['127.0.0.0', 8], ['::1', 128]);

/**
 * Never asked: link-local addresses, which have the credentials of cloud machines, other addresses of such
 * services (AWS on IPv6, Alibaba, Azure, Oracle), unspecified and multicast addresses.
 */
const REFUSED = listOf(
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
  ['0.0.0.0', 8],
  ['::', 128],
  ['224.0.0.0', 3],
  ['ff00::', 8],
);

/** IPv6 addresses that hold an IPv4 address in their last 32 bits: mapped, NAT64 (RFC 6052), compatible. */
const EMBEDDING = listOf(['::ffff:0:0', 96], ['64:ff9b::', 96], ['::', 96]);

/** The IPv4 address in an IPv6 address. */
function embedded(address: string): string | undefined {
  if (!EMBEDDING.check(address, 'ipv6')) return undefined;
  const dotted = /(?:^|:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  // The text of the URL parser: the last two groups are there, unless they are zeros.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':').slice(-2);
  const [high = 0, low = 0] = groups.map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

const isIn = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** True for an address that a URL may lead to. `isLoopbackNamed`: the URL names this machine. */
export function isAllowed(address: string, isLoopbackNamed: boolean): boolean {
  if (isIP(address) === 0) return false;
  if (isIn(LOOPBACK, address)) return isLoopbackNamed;
  if (isIn(REFUSED, address)) return false;
  const inner = isIP(address) === 6 ? embedded(address) : undefined;
  return inner === undefined || isAllowed(inner, isLoopbackNamed);
}

/** The name or address of a URL without brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** The URL names this machine itself. */
export function isLoopback(url: URL): boolean {
  const host = hostOf(url);
  return host === 'localhost' || host.endsWith('.localhost') || (isIP(host) > 0 && isIn(LOOPBACK, host));
}

export const refusedAddress = (host: string): Error =>
  failure(
    {
      code: 'address-refused',
      message: `${host} is an address of this machine, its network link or its cloud's services: not asked`,
      hint: 'name the host that has the dumps',
    },
    2,
  );

/** Looks up a name, and refuses addresses: the connection is made to what was looked at. */
export const checkedLookup =
  (isLoopbackNamed: boolean): LookupFunction =>
  (host, options, done) => {
    dns.lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '', 4);
      const allowed = addresses.filter(({ address }) => isAllowed(address, isLoopbackNamed));
      const [first] = allowed;
      // One refused address is enough: a name of another network has none.
      if (first === undefined || allowed.length < addresses.length) return done(refusedAddress(host), '', 4);
      if (options.all) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
