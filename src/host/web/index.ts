export { connect } from "./connect.ts";
export { listen } from "./listen.ts";
