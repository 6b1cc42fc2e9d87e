import { DAY } from "../../../src/model/index.ts";
import type { TinyAccount, TinyEstate, TinyRobot } from "./tiny-server.ts";

export const NOW = Date.UTC(2026, 10, 23, 5);

/** Two accounts; the second is called `beta`. Several pages of robots and keys in the first. */
export function tinyEstate(robots = 7): TinyEstate {
  return {
    accounts: [
      {
        id: "a1",
        name: "alpha",
        robots: Array.from({ length: robots }, (_robot, number) => tinyRobot(number)),
        roles: [
          {
            id: "admin",
            document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
            robots: ["robot-0"],
          },
          {
            id: "reader",
            document: { Version: "2012-10-17", Statement: [] },
            robots: ["robot-0", "robot-1", "robot-2"],
          },
        ],
      },
      tinyAccount("b2", "beta", 2),
    ],
  };
}

export function tinyAccount(id: string, name: string, robots: number): TinyAccount {
  return { id, name, robots: Array.from({ length: robots }, (_robot, number) => tinyRobot(number, id)), roles: [] };
}

export function tinyRobot(number: number, account = "a1"): TinyRobot {
  return {
    id: `${account}-r${number}`,
    name: `robot-${number}`,
    createdAt: NOW - 400 * DAY + number,
    enabled: number % 4 !== 3,
    ...(number % 2 === 0 ? { team: "robotics" } : {}),
    keys: [
      {
        id: `${account}-k${number}`,
        createdAt: NOW - 300 * DAY,
        lastUsedAt: number % 3 === 0 ? NOW - number * DAY : null,
      },
    ],
  };
}
