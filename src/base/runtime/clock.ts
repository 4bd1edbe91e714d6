/** Milliseconds since the process began, never back. `performance.now` says the same, and costs every start the module behind it. */
export const milliseconds = (): number => process.uptime() * 1000;
