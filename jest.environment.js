import vm from 'node:vm';

// jest's sandbox looks up each global (Buffer, BigInt, Math, undefined) through an interceptor and a proxy,
// which makes arithmetic in a test three times as slow. A plain context isolates test files as well.
const { createContext } = vm;
vm.createContext = (_sandbox, options) => createContext(vm.constants.DONT_CONTEXTIFY, options);

export { TestEnvironment as default } from 'jest-environment-node';
