/**
 * Makes room in a list that only grows: once it is a tenth over the limit, the oldest go.
 *
 * @returns the same list
 */
export function keepLast<Item>(limit: number, list: Item[]): Item[] {
  if (list.length > limit * 1.1) list.splice(0, list.length - limit);
  return list;
}
