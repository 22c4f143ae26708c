/** The Levenshtein distance: characters to insert, remove or replace between two words. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

const longest = 64;

/** The word that someone meant by `word`, if one is near: a third of its letters may differ, whatever their case. */
export function suggestion(word: string, words: Iterable<string>): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, "");
  if (word === "" || word.length > longest) return undefined;
  const ranked = [...words]
    .map((known) => ({ known, distance: editDistance(plain(word), plain(known)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.known : undefined;
}
