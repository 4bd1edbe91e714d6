/**
 * Monotonic time in milliseconds since the process began. `performance.now` would load another module at each
 * start.
 */
export const milliseconds = (): number => process.uptime() * 1000;
