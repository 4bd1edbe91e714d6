import vm from 'node:vm';

// jest's sandbox sends each look at a global (Buffer, BigInt, Math, undefined) through an interceptor and a proxy: arithmetic in a
// test takes three times as long as in the program. A context of its own without them keeps test files apart all the same.
const { createContext } = vm;
vm.createContext = (_sandbox, options) => createContext(vm.constants.DONT_CONTEXTIFY, options);

export { TestEnvironment as default } from 'jest-environment-node';
