/** `1,204` */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** `1 account`, `3 accounts` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `850 ms`, `12 s`, `3 min 05 s`, `2 h 10 min` */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `1.2 MB` */
export function bytes(value: number): string {
  if (value < 1_000) return `${value} bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  let amount = value / 1_000;
  let index = 0;
  while (amount >= 1_000 && index < units.length - 1) {
    amount /= 1_000;
    index += 1;
  }
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${units[index]}`;
}
