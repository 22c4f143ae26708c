/** Hands things to whoever opens it, those first that came before. */
export interface Mailbox<T> {
  put(item: T): void;
  open(take: (item: T) => void): void;
}

export function mailbox<T>(): Mailbox<T> {
  const early: T[] = [];
  let reader: ((item: T) => void) | undefined;
  return {
    put(item) {
      if (reader) reader(item);
      else early.push(item);
    },
    open(take) {
      reader = take;
      for (const item of early.splice(0)) take(item);
    },
  };
}
