/** Training of a random forest: 10,000 labelled pixels, 49 features, 100 trees. */
import { trainForests } from "../../lib/kernels/train.ts";
import { labelledRows } from "../kernels/labelled_rows.ts";

for (const classes of [2, 3, 8]) {
  const rows = labelledRows(10000, 49, classes, 1);
  for (const threads of [1, 2]) {
    Deno.bench(`${threads} threads`, { group: `${classes} classes` }, async () => {
      await trainForests({ ...rows, classes, trees: 100, seed: 0, threads });
    });
  }
}
