import { describe, expect, it } from "vitest";
import { Output, OutputClosed } from "../../src/cli/output.ts";

describe("output", () => {
  it("gathers lines and hands them over whole", async () => {
    const written: string[] = [];
    const output = new Output({ write: (text) => written.push(text) > 0 });
    for (let index = 0; index < 20_000; index += 1) await output.line(`line ${index}`);
    await output.flush();
    expect(written.join("")).toBe(Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join(""));
    expect(written.length).toBeLessThan(10);
  });

  it("waits for a slow reader", async () => {
    let drain: (() => void) | undefined;
    const output = new Output({
      write: () => false,
      once: (event, listener) => {
        if (event === "drain") drain = listener;
      },
      removeListener: () => {},
    });
    let done = false;
    const flushed = output
      .line("x")
      .then(() => output.flush())
      .then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(done).toBe(false);
    drain?.();
    await flushed;
    expect(done).toBe(true);
  });

  it("stops whoever writes to a reader that has gone", async () => {
    const output = new Output({ write: () => true });
    await output.line("kept");
    output.close();
    await expect(output.flush()).rejects.toBeInstanceOf(OutputClosed);
  });

  it.each([
    ["throws", (_output: Output) => ({ write: fail })],
    ["tells later", (output: Output) => ({ write: () => (output.fail(full), true) })],
  ])("says that it cannot be written, where the stream %s", async (_when, streamFor) => {
    const output: Output = new Output({ write: () => streamFor(output).write() });
    await output.line("lost");
    await expect(output.flush()).rejects.toMatchObject({
      exit: 7,
      message: "Standard output cannot be written, so the answer is not whole: ENOSPC: no space left on device, write",
    });
  });
});

const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

function fail(): boolean {
  throw full;
}
