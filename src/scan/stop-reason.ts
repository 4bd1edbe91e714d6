/** Why a scan ends early, for the report. */
export function stopReason(signal: AbortSignal): string {
  return typeof signal.reason === 'string'
    ? `the scan was stopped (${signal.reason})`
    : 'the scan was stopped';
}
