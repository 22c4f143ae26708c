export type Message = string | Uint8Array;

/** How a socket ended: a code of RFC 6455, section 7.4, and why. */
export interface SocketEnd {
  readonly code: number;
  readonly reason: string;
}

/** One end of a WebSocket. */
export interface Socket {
  /** The other end, for logs. */
  readonly peer: string;
  /** Resolves when the message was handed to the network. Rejects with "io" when the socket ends before. */
  send(message: Message): Promise<void>;
  /** Says goodbye. A peer that does not answer is cut off. */
  close(code: number, reason: string): void;
  /** To be called once; messages that came before are not lost. */
  onMessage(take: (message: Message) => void): void;
  /** Resolves when the socket has ended; never rejects. */
  readonly ended: Promise<SocketEnd>;
}

/** What a path answers to GET. */
export interface Route {
  /** Whether it answers without the key; so do health checks. */
  readonly open?: boolean;
  respond(): { readonly status: number; readonly type: string; readonly body: string };
}

export interface ListenOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** The address to listen on; 127.0.0.1 unless given. One that other machines reach needs `apiKey`. */
  readonly host?: string;
  /** What clients must send, as `Authorization: Api-Key <key>`. */
  readonly apiKey?: string;
  /** Web pages that may connect, such as "http://localhost:5173"; none unless given. Programs send no origin. */
  readonly origins?: readonly string[];
  readonly maxMessageBytes: number;
  /** Sockets at one time; 256 unless given. */
  readonly maxConnections?: number;
  readonly timeouts: HostTimeouts;
  readonly routes: Readonly<Record<string, Route>>;
  onSocket(socket: Socket): void;
  /** What was refused and why. */
  readonly warn: (message: string) => void;
}

export interface HostTimeouts {
  /** For the headers of a request, in milliseconds. */
  readonly handshakeMs: number;
  /** Between two pings; who answers none is cut off. */
  readonly heartbeatMs: number;
  /** For a peer to read what it is sent, or to answer a goodbye. */
  readonly sendMs: number;
}

export interface Listener {
  /** ws://host:port */
  readonly url: string;
  readonly port: number;
  /** Turns new clients away, with 503; those that are there stay. */
  refuse(): void;
  /** Ends what is left and frees the port. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly apiKey?: string | undefined;
  readonly maxMessageBytes: number;
  /** For the connection to be made. */
  readonly connectMs: number;
}

/** What the twins in node/ and web/ both export. */
export interface HostPlatform {
  /** Throws "option" for settings that are not safe, "io" when the port is taken, "unsupported" in browsers. */
  listen(options: ListenOptions): Promise<Listener>;
  /** Throws "option" for an address that is none, "io" when there is no server or it refuses. */
  connect(url: string, options: ConnectOptions): Promise<Socket>;
}
