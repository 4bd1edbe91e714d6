/** A dump of a folder, whose copy has the same name: its name is no link, and must hold no secret. */
export interface NamedDump {
  shown: string;
  /** Throws if the name with all secrets masked, also those that a scan has found, is another. */
  checkName(masked: string): void;
}
