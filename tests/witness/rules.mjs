// Evaluates rules with json-logic-js and json-logic-engine: one JSON line {rule, facts} in, one line of both values out
// for each document of facts. A thrown error comes out as {"thrown": …}, which no rule of ours gives.
import { createInterface } from "node:readline";
import { LogicEngine } from "json-logic-engine";
import jsonLogic from "json-logic-js";

const engine = new LogicEngine();

function valueOf(evaluate) {
  try {
    return evaluate() ?? null;
  } catch (error) {
    return { thrown: String(error.message ?? JSON.stringify(error)) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { rule, facts } = JSON.parse(line);
  const both = facts.map((each) => [
    valueOf(() => jsonLogic.apply(rule, each)),
    valueOf(() => engine.run(rule, each)),
  ]);
  console.log(JSON.stringify(both));
}
