import { describe, expect, it } from "vitest";
import { away, estate, home, third, workload } from "#lib/desired/testing/organisation.ts";
import {
  type ApprovalVote,
  approvalRequirements,
  type Decider,
  requirementsFor,
  riskRequirements,
  tallyApprovals,
  wouldSatisfy,
} from "./approvals.ts";

const owners = { home: `owners-${home}`, away: `owners-${away}` };
const identity = { kind: "home-role", accountId: null, defaultAccountId: null };
const target = (accountId: string) => ({ target: { arn: "arn:aws:s3:::x", accountId }, identity });

describe("who must approve", () => {
  const ids = (accounts: string[], owner: string | null, groups: string[]) =>
    approvalRequirements(workload(), accounts.map(target), estate(), owner, groups).map(({ id }) => id);

  it.each<[string, string[], string | null, string[], string[]]>([
    ["the cluster's and the target's account", [away], null, [], [`account:${home}`, `account:${away}`]],
    ["one account once", [home], null, [], [`account:${home}`]],
    [
      "each target's account once",
      [away, third, away],
      null,
      [],
      [`account:${home}`, `account:${away}`, `account:${third}`],
    ],
    [
      "the namespace's owners, if the requester is none",
      [home],
      "payments",
      ["other"],
      [`account:${home}`, "namespace:payments"],
    ],
    [
      "not the namespace's owners, if the requester is one",
      [home],
      "payments",
      ["payments"],
      [`account:${home}`],
    ],
  ])("%s", (_, accounts, owner, groups, expected) => {
    expect(ids(accounts, owner, groups)).toEqual(expected);
  });
});

const person = (personId: string, groups: string[], isAdmin = false): Decider => ({
  personId,
  groups,
  isAdmin,
});
const approve = (personId: string): ApprovalVote => ({ personId, decision: "approve" });

describe("which requirements the votes satisfy", () => {
  const requirements = approvalRequirements(workload(), [target(away)], estate(), null, []);
  const people = [
    person("ann", [owners.home]),
    person("bob", [owners.away]),
    person("cleo", [owners.home, owners.away]),
    person("dan", []),
    person("root", [], true),
  ];

  it.each<[string, ApprovalVote[], string, Decider[], (string | null)[]]>([
    ["nobody yet", [], "dan", people, [null, null]],
    ["one of two", [approve("ann")], "dan", people, ["ann", null]],
    ["each for their own", [approve("bob"), approve("ann")], "dan", people, ["ann", "bob"]],
    ["one person for both accounts that they own", [approve("cleo")], "dan", people, ["cleo", "cleo"]],
    ["the requester never counts", [approve("cleo")], "cleo", people, [null, null]],
    ["the requester beside somebody else", [approve("cleo"), approve("ann")], "cleo", people, ["ann", null]],
    ["an outsider does not count", [approve("dan")], "ann", people, [null, null]],
    [
      "an admin does not stand in for a group that has members",
      [approve("root")],
      "dan",
      people,
      [null, null],
    ],
    [
      "a request for changes is no approval",
      [{ personId: "ann", decision: "request_changes" }],
      "dan",
      people,
      [null, null],
    ],
    ["a rejection is none", [{ personId: "ann", decision: "reject" }], "dan", people, [null, null]],
    [
      "who has left the group since",
      [approve("ann")],
      "dan",
      people.map((one) => (one.personId === "ann" ? person("ann", []) : one)),
      [null, null],
    ],
    [
      "who is gone altogether",
      [approve("ann")],
      "dan",
      people.filter(({ personId }) => personId !== "ann"),
      [null, null],
    ],
    [
      "an admin where the requester is the only owner",
      [approve("root")],
      "ann",
      people.filter(({ personId }) => personId !== "cleo"),
      ["root", null],
    ],
    [
      "an admin where the group is empty",
      [approve("root"), approve("bob")],
      "dan",
      [person("bob", [owners.away]), person("root", [], true)],
      ["root", "bob"],
    ],
    [
      "not an admin who asks for themselves",
      [approve("root")],
      "root",
      [person("root", [owners.home], true)],
      [null, null],
    ],
    [
      "the only owner can't approve by asking for an admin's right",
      [approve("ann")],
      "ann",
      [person("ann", [owners.home])],
      [null, null],
    ],
  ])("%s", (_, votes, requester, deciders, expected) => {
    expect(
      tallyApprovals(requirements, votes, deciders, requester).map(({ satisfiedBy }) => satisfiedBy),
    ).toEqual(expected);
  });

  describe("of critical risk", () => {
    const critical = [...requirements, ...riskRequirements("critical")];
    const many = [...people, person("ines", [owners.home, owners.away], true), person("jo", [], true)];
    it.each<[string, ApprovalVote[], Decider[], (string | null)[]]>([
      ["not by an owner of everything alone", [approve("cleo")], many, ["cleo", "cleo", null]],
      ["not by an owner who is an admin alone", [approve("ines")], many, ["ines", "ines", null]],
      ["by the owner and an admin", [approve("cleo"), approve("root")], many, ["cleo", "cleo", "root"]],
      [
        "by an admin who owns both, and an owner",
        [approve("ines"), approve("cleo")],
        many,
        ["cleo", "cleo", "ines"],
      ],
      [
        "by two admins, one of whom owns both",
        [approve("ines"), approve("jo")],
        many,
        ["ines", "ines", "jo"],
      ],
      [
        "by two admins where one is the only owner",
        [approve("ines"), approve("jo")],
        many.filter(({ personId }) => ["ines", "jo"].includes(personId)),
        ["ines", "ines", "jo"],
      ],
      [
        "by two admins who own both",
        [approve("ines"), approve("una")],
        [person("ines", [owners.home, owners.away], true), person("una", [owners.home, owners.away], true)],
        ["una", "una", "ines"],
      ],
    ])("%s", (_, votes, deciders, expected) => {
      expect(tallyApprovals(critical, votes, deciders, "dan").map(({ satisfiedBy }) => satisfiedBy)).toEqual(
        expected,
      );
    });

    it("counts the votes alike in whatever order they come", () => {
      const three = [
        person("ines", [owners.home, owners.away], true),
        person("jo", [owners.home], true),
        person("zed", [owners.away]),
      ];
      for (const votes of [
        ["jo", "ines"],
        ["ines", "jo"],
      ])
        expect(
          tallyApprovals(critical, votes.map(approve), three, "dan").map(({ satisfiedBy }) => satisfiedBy),
        ).toEqual(["ines", "ines", "jo"]);
    });

    it.each<[string, string[], string, string[]]>([
      ["an owner of both, at first", [], "cleo", [`account:${home}`, `account:${away}`]],
      ["an admin, at first", [], "root", ["risk:critical"]],
      ["an admin after the owner", ["cleo"], "root", ["risk:critical"]],
      ["an owner after an admin who owns both", ["ines"], "cleo", ["risk:critical"]],
      ["nobody by a second vote", ["ines"], "ines", []],
      ["the requester never", [], "dan", []],
    ])("is asked of %s", (_, votes, who, expected) => {
      const one = many.find(({ personId }) => personId === who);
      if (!one) throw new Error(`no ${who}`);
      expect(wouldSatisfy(critical, votes.map(approve), one, many, "dan")).toEqual(expected);
    });

    it("asks another admin where an admin who has approved is a group's only member", () => {
      const jo = person("jo", [], true);
      const few = [person("ines", [owners.home], true), person("bob", [owners.away]), jo];
      expect(wouldSatisfy(critical, [approve("ines"), approve("bob")], jo, few, "dan")).toHaveLength(1);
    });

    it("is never approved by one person, whoever they are and whatever others own", () => {
      const sets = [[], [owners.home], [owners.away], [owners.home, owners.away]];
      for (const mine of sets)
        for (const theirs of sets)
          for (const isAdmin of [true, false]) {
            const pair = [person("one", mine, true), person("two", theirs, isAdmin)];
            const tally = tallyApprovals(critical, [approve("one")], pair, "dan");
            expect(tally.some(({ satisfiedBy }) => satisfiedBy === null)).toBe(true);
          }
    });
  });

  it("says where an admin decides", () => {
    const lonely = [person("ann", [owners.home]), person("bob", [owners.away]), person("root", [], true)];
    expect(tallyApprovals(requirements, [], lonely, "ann").map(({ adminDecides }) => adminDecides)).toEqual([
      true,
      false,
    ]);
  });

  it("offers each person what their vote would satisfy", () => {
    const offered = (who: string, requester: string) => {
      const decider = people.find(({ personId }) => personId === who) ?? person(who, []);
      return requirementsFor(requirements, decider, people, requester).map(({ accountId }) => accountId);
    };
    expect(offered("ann", "dan")).toEqual([home]);
    expect(offered("cleo", "dan")).toEqual([home, away]);
    expect(offered("cleo", "cleo")).toEqual([]);
    expect(offered("root", "dan")).toEqual([]);
  });
});
