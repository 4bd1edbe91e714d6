/** lldb's command that shows memory at an address of a core or minidump. */
export function lldb(file: string, address: string): string {
  return `lldb -b -o 'memory read -c 32 ${address}' -c ${file}`;
}
