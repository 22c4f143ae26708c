// What a lowered `using` calls: Node.js 20 does not know the statement. `u` keeps a resource, `e` is what was thrown, and
// `d` disposes in reverse and throws on.
export default function usingContext() {
  const kept = [];
  const thrown = [];
  return {
    set e(error) {
      thrown.push(error);
    },
    u(resource) {
      if (resource != null) kept.push(resource);
      return resource;
    },
    d() {
      while (kept.length > 0) kept.pop()[Symbol.dispose]();
      if (thrown.length > 0) throw thrown[0];
    },
  };
}
