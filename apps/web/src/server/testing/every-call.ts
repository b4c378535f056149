import { defaultReaderStudySettings } from "@crossread/contracts/reader-study-settings";
import type { StudyFilter } from "@crossread/contracts/study-browser";
import type { ProcedureName } from "../access.ts";
import type { BlindingWorld } from "./blinding-world.ts";

type Inputs = readonly unknown[];

/**
 * What a curious reader would send to every procedure. A new procedure needs a row: inputs with which it answers, were
 * the caller let in, about a case that the caller still has to read.
 */
export function inputsOfProcedures({
  ids,
  pendingCaseIds,
}: Pick<BlindingWorld, "ids" | "pendingCaseIds">): Record<ProcedureName, Inputs> {
  const {
    arbitrationId,
    assignmentId,
    caseId,
    checkpointId,
    cohortId,
    instanceId,
    otherAssignmentId,
    siteId,
    studyId,
  } = ids;
  const unknownBreast = {
    finding: null,
    source: null,
    followUpMonths: null,
    birads: null,
    isIntervalCancer: false,
  };
  const answers = {
    breasts: { R: { birads: "2", suspicion: 5 }, L: { birads: "3", suspicion: 20 } },
    density: "B",
    marks: [],
    comment: "",
  };
  const draft = { condition: "unaided", version: 1, durationMs: 10, answers, mapRating: {} };
  const end = { version: 1, durationMs: 10 };
  const table = {
    siteId,
    fileSha256: "0".repeat(64),
    rows: (["malignant", "benign", "normal"] as const).map((finding, index) => ({
      rowNumber: index + 2,
      key: { by: "study", studyInstanceUid: ids["studyInstanceUid"] },
      breasts: { L: { finding, source: "data-set" } },
    })),
    refusedRows: [],
  };
  const recipe = {
    siteIds: [siteId],
    fractions: { train: 0.6, tuning: 0.2, "internal-test": 0.2 },
    seed: 1,
  };
  const trainingPlan = {
    architecture: "compact-cbam",
    strategy: "fedavg",
    rounds: 1,
    localEpochs: 1,
    batchSize: 4,
    learningRate: 0.001,
    proximalMu: 0,
    seed: 1,
    quorum: 1,
    roundDeadlineMinutes: 5,
    isAugmented: false,
  };
  const rules = {
    kinds: ["reader-reader", "reader-reference", "reader-ai"],
    thresholds: { biradsSteps: 3, suspicionPoints: 50 },
    earlierCheckpointId: null,
  };
  const readerStudies = [{ readerStudyId: ids["readerStudyId"] }, { readerStudyId: ids["closedStudyId"] }];
  const draw = {
    cohortId,
    checkpointId,
    split: "internal-test",
    caseLimit: 20,
    seed: 1,
    settings: defaultReaderStudySettings,
    readerCount: 2,
  };
  const { readerCount: _readerCount, ...drawn } = draw;
  const plan = { ...drawn, name: "Peek", readerIds: [ids["userId"]] };
  const upload = { siteId, uploadId: ids["nothing"] };
  const reason = "To look";
  return {
    "session.me": [undefined],
    "overview.load": [undefined],
    "jobs.current": [undefined],
    "jobs.watch": [undefined],

    "studies.list": studyFilters(siteId).map((filter) => ({ filter })),
    "studies.facets": studyFilters(siteId).map((filter) => ({ filter })),
    "studies.load": [{ studyId }],
    "studies.changeTags": [{ studyIds: [studyId], add: ["seen"], remove: [] }],

    "uploads.open": [{ ...upload, profile: "none", fileCount: -1, totalBytes: 0 }],
    "uploads.ingest": [{ ...upload, siteId: ids["nothing"] }],
    "uploads.finish": [upload],
    "uploads.cancel": [upload],
    "uploads.list": [{}],
    "uploads.load": [{ uploadId: ids["nothing"] }],
    "uploads.files": [{ uploadId: ids["nothing"] }],

    "deidentification.siteKey": [{ siteId: ids["nothing"] }],
    "deidentification.receipt": [{ studyId }],

    "quarantine.list": [{}],
    "quarantine.codes": [{}],
    "quarantine.dismiss": [{ refusedFileIds: [ids["nothing"]], reason }],
    "quarantine.held": [{ refusedFileId: ids["nothing"] }],
    "quarantine.decide": [
      { refusedFileId: ids["nothing"], answer: { kind: "refuse" }, reach: "file", isRemembered: false },
    ],

    "pixelRules.list": [{ siteId }],
    "pixelRules.remove": [{ siteId, ruleId: ids["nothing"] }],

    "labels.change": [
      {
        caseId,
        version: 0,
        labels: { breasts: { R: unknownBreast, L: unknownBreast }, density: null },
        reason,
        acknowledgesFrozen: true,
      },
    ],
    "labels.changeMarks": [{ caseId, version: 0, marks: [], reason, acknowledgesFrozen: true }],
    "labels.mapping": [{ siteId }],
    "labels.previewImport": [table],
    "labels.applyImport": [
      { table, mapping: {}, reason, planDigest: "0".repeat(64), acknowledgesFrozen: true },
    ],
    "labels.imports": [{}],
    "labels.report": [{ importId: ids["importId"] }],
    "labels.previewUndo": [{ importId: ids["importId"] }],
    "labels.undo": [{ importId: ids["nothing"], reason, acknowledgesFrozen: true }],

    "reading.workList": [undefined],
    "reading.accept": [{ readerStudyId: ids["readerStudyId"] }, { readerStudyId: ids["nothing"] }],
    "reading.decline": [{ readerStudyId: ids["nothing"], reason }],
    "reading.session": readerStudies,
    "reading.open": [{ assignmentId }, { assignmentId: otherAssignmentId }],
    "reading.saveDraft": [
      { assignmentId, ...draft },
      { assignmentId, ...draft, condition: "aided" },
      { assignmentId: otherAssignmentId, ...draft },
      {
        assignmentId,
        ...draft,
        answers: {
          ...answers,
          marks: [
            {
              markId: ids["nothing"],
              instanceId: ids["nothing"],
              geometry: { shape: "point", xPx: 1, yPx: 1 },
              kind: "mass",
            },
          ],
        },
      },
    ],
    "reading.lock": [
      { assignmentId: otherAssignmentId, ...end },
      { assignmentId, ...end, version: 9_999 },
    ],
    "reading.aid": [{ assignmentId }, { assignmentId: otherAssignmentId }],
    "reading.submit": [
      { assignmentId, ...end },
      { assignmentId: otherAssignmentId, ...end },
    ],

    "arbitration.workList": [undefined],
    "arbitration.openCase": [{ arbitrationId }],
    "arbitration.saveDraft": [
      { arbitrationId, version: 1, durationMs: 10, step: "independent", answers },
      { arbitrationId, version: 1, durationMs: 10, step: "decision", answers },
    ],
    "arbitration.lock": [{ arbitrationId, ...end, version: 9_999 }],
    "arbitration.decide": [{ arbitrationId, ...end }],
    "arbitration.discordances": [ids["readerStudyId"], ids["closedStudyId"]].map((readerStudyId) => ({
      readerStudyId,
      rules,
      offset: 0,
    })),
    "arbitration.choices": [{ readerStudyId: ids["closedStudyId"] }],
    "arbitration.open": [
      { readerStudyId: ids["nothing"], rules, arbitratorIds: [ids["userId"]], controlCount: 0, seed: 1 },
    ],
    "arbitration.handOver": [
      {
        readerStudyId: ids["nothing"],
        fromId: ids["nothing"],
        toId: ids["userId"],
        share: "undecided",
        reason,
      },
    ],
    "arbitration.settled": (["arbitration", "unanimous"] as const).map((basis) => ({
      readerStudyId: ids["closedStudyId"],
      basis,
      offset: 0,
    })),
    "arbitration.record": [{ readerStudyId: ids["closedStudyId"], caseId }],
    "arbitration.applyConsensus": [
      {
        readerStudyId: ids["closedStudyId"],
        caseId,
        laterality: "L",
        finding: "malignant",
        reason,
        version: 0,
        acknowledgesFrozen: true,
      },
    ],

    "readerStudies.list": [undefined],
    "readerStudies.load": readerStudies,
    "readerStudies.choices": [undefined],
    "readerStudies.analyse": [{ readerStudyId: ids["readerStudyId"] }, { readerStudyId: ids["nothing"] }],
    "readerStudies.results": [
      { readerStudyId: ids["readerStudyId"] },
      { readerStudyId: ids["closedStudyId"] },
    ],
    "readerStudies.preview": [draw, { ...draw, caseLimit: 1 }],
    "readerStudies.create": [{ ...plan, cohortId: ids["nothing"] }],
    "readerStudies.change": [{ ...plan, readerStudyId: ids["readerStudyId"] }],
    "readerStudies.discard": readerStudies,
    "readerStudies.open": readerStudies,
    "readerStudies.addReader": [{ readerStudyId: ids["readerStudyId"], readerId: ids["userId"] }],
    "readerStudies.withdrawReader": [
      { readerStudyId: ids["closedStudyId"], readerId: ids["userId"], reason },
    ],
    "readerStudies.close": [{ readerStudyId: ids["nothing"] }],

    "cohorts.list": [undefined],
    "cohorts.load": [{ cohortId }],
    "cohorts.members": [{ cohortId, offset: 0 }],
    "cohorts.preview": [recipe],
    "cohorts.create": [[siteId], [ids["nothing"]]].map((siteIds) => ({
      ...recipe,
      siteIds,
      name: "Peek",
      purpose: "",
    })),
    "cohorts.freeze": [{ cohortId }],
    "cohorts.cleanliness": [{ cohortId }],
    "cohorts.leaks": [{ cohortId }],
    "cohorts.excludeCase": [{ pairId: ids["nothing"], cohortId, caseId, reason }],
    "cohorts.linkPatients": [{ pairId: ids["nothing"], reason }],
    "cohorts.recordNoLeak": [{ pairId: ids["nothing"], reason }],
    "cohorts.undoLeakDecision": [{ decisionId: ids["nothing"], verdict: "no-leak", reason }],

    "training.list": [{ offset: 0 }],
    "training.load": [{ runId: ids["nothing"] }],
    "training.watch": [{ runId: ids["nothing"] }],
    "training.estimate": [{ cohortId, siteIds: [siteId], plan: trainingPlanSubset(trainingPlan) }],
    "training.launch": [
      {
        name: "Peek",
        cohortId: ids["nothing"],
        siteIds: [siteId],
        plan: trainingPlan,
        initialCheckpointId: null,
      },
    ],
    "training.cancel": [{ runId: ids["nothing"] }],

    "models.list": [{ offset: 0 }],
    "models.load": [{ checkpointId }],

    "validation.list": [undefined],
    "validation.load": [{ validationRoundId: ids["nothing"] }],
    "validation.create": [
      {
        name: "Peek",
        cohortId: ids["nothing"],
        split: "internal-test",
        primaryMetric: "auc",
        operatingPoint: { rule: "youden" },
        checkpointIds: [checkpointId],
      },
    ],
    "validation.start": [{ validationRoundId: ids["nothing"] }],
    "validation.publish": [{ validationRoundId: ids["nothing"] }],

    "leaderboards.models": [null, { cohortId, split: "internal-test" }],
    "leaderboards.sites": [null, { checkpointId }],

    "sites.list": [undefined],
    "sites.mine": [undefined],
    "sites.load": [{ siteId }],

    "connections.load": [{ siteId }],
    // A token reads what its site has: whoever made one would read the case with it.
    "connections.createToken": [siteId, ids["nothing"]].map((id) => ({
      siteId: id,
      name: "Peek",
      scopes: ["read"],
      expiresInDays: 30,
    })),
    "connections.revokeToken": [{ siteId, tokenId: ids["nothing"] }],
    "connections.saveDimse": [{ siteId: ids["nothing"], endpoint: null }],

    "audit.list": [
      {},
      { entityKind: "case", entityId: caseId },
      { action: "reference.change" },
      ...pendingCaseIds.map((entityId) => ({ entityId })),
      { entityKind: "instance", entityId: instanceId },
    ],
    "audit.actions": [undefined],
    "audit.verify": [],

    "admin.users": [undefined],
    "admin.createUser": [{ email: "no address", name: "", password: "", memberships: [] }],
    "admin.setRoles": [{ userId: ids["nothing"], memberships: [] }],
    "admin.setDisabled": [{ userId: ids["nothing"], isDisabled: true }],
    "admin.revokeSessions": [{ userId: ids["nothing"] }],
    "admin.jobs": [{ offset: 0 }],
    "admin.operations": [undefined],
  };
}

/** Each by itself where the truth decides it: a filter that finds the case, or counts it, tells what it asked for. */
const studyFilters = (siteId: string | undefined): StudyFilter[] => [
  {},
  { label: ["malignant"] },
  { label: ["normal", "benign", "unlabelled"] },
  { density: ["D"] },
  { tag: ["canary-tag-a"] },
  { search: "canary" },
  {
    siteId,
    from: "2000-01-01",
    to: "2100-01-01",
    acquisition: ["synthetic"],
    device: ["CANARY-VENDOR CANARY-VENDOR-1"],
    view: ["CC"],
    laterality: ["L"],
    completeness: ["complete"],
    implant: ["none known"],
    technical: ["plain"],
    age: ["unknown"],
    received: ["2026-01"],
  },
];

const trainingPlanSubset = <TPlan extends Record<string, unknown>>(plan: TPlan) =>
  Object.fromEntries(
    ["architecture", "rounds", "localEpochs", "batchSize"].map((name) => [name, plan[name]]),
  );
