/**
 * The longest step d towards something `room` away that leaves room to come to rest before it, when steps can get shorter
 * by `change` each: d + (d - change) + (d - 2 change) + … <= room, over the positive terms. With n of them this is
 * n d - change n (n - 1) / 2 = room. room >= 0, change > 0, either may be infinite. By induction a step of d can be
 * followed by one of max(0, d - change), so whoever keeps to it never has to brake harder, and never passes the end.
 */
export function longestStep({ room, change }: { readonly room: number; readonly change: number }): number {
  if (room <= change || room === Number.POSITIVE_INFINITY) return room;
  const count = Math.ceil((Math.sqrt(1 + (8 * room) / change) - 1) / 2);
  return Math.min(room, room / count + (change * (count - 1)) / 2);
}
