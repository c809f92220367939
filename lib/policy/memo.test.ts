import { expect, it } from "vitest";
import { memoized } from "./memo.ts";

function counted(limits: { limit?: number; mostText?: number }) {
  const asked: string[] = [];
  const lengthOf = memoized((text) => {
    asked.push(text);
    return text.length;
  }, limits);
  return { asked, lengthOf };
}

it("computes once for each text", () => {
  const { asked, lengthOf } = counted({});
  expect([lengthOf("ab"), lengthOf("ab"), lengthOf("abc")]).toEqual([2, 2, 3]);
  expect(asked).toEqual(["ab", "abc"]);
});

it.each([
  ["texts", { limit: 2 }],
  ["characters", { mostText: 4 }],
])("forgets when it would hold more %s than it may", (_, limits) => {
  const { asked, lengthOf } = counted(limits);
  for (const text of ["ab", "cd", "ef", "ab"]) lengthOf(text);
  expect(asked).toEqual(["ab", "cd", "ef", "ab"]);
});

it("does not keep a text that is too long by itself", () => {
  const { asked, lengthOf } = counted({ mostText: 4 });
  expect([lengthOf("abcde"), lengthOf("abcde")]).toEqual([5, 5]);
  expect(asked).toHaveLength(2);
});
