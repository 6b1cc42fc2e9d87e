import { describeScanner } from "rollcall/sdk/testing";
import { tinyScanner } from "./support/tiny-scanner.ts";
import { startTinyWorld, TINY_PAGED } from "./support/tiny-world.ts";

describeScanner("the tiny scanner", { scanner: tinyScanner, paged: TINY_PAGED, start: startTinyWorld });
