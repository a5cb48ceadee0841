/** Where a Temporal server is, and how it is spoken to. Holds secrets: for the driver alone. */
export interface TemporalAddress {
  /** `host:port`; default `localhost:7233`. */
  readonly address?: string | undefined;
  /** Default `default`. */
  readonly namespace?: string | undefined;
  /** `true`: TLS with the certificates that this machine trusts. Goes without saying with an API key. */
  readonly tls?: boolean | TemporalTls | undefined;
  readonly apiKey?: string | undefined;
}

/** Texts in PEM. */
export interface TemporalTls {
  /** Of the server, when it is signed by nobody that this machine trusts. */
  readonly ca?: string | undefined;
  /** The client's own certificate and key: mTLS. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the server's certificate is for, when it is not that of the address. */
  readonly serverName?: string | undefined;
}

export const DEFAULT_ADDRESS = 'localhost:7233';
export const DEFAULT_NAMESPACE = 'default';
