export { connect, listen } from "#host";
export type {
  ConnectOptions,
  HostTimeouts,
  Listener,
  ListenOptions,
  Message,
  Route,
  Socket,
  SocketEnd,
} from "./contract.ts";
