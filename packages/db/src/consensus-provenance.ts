import type { Prisma } from "./generated/client.ts";

/**
 * The readings with the model's aid that a reference standard was made from, an arbitrator's decision over them included: such
 * a standard leans on a model and is no test of one.
 */
export const selectAidedReading = {
  where: { reading: { condition: "aided" } },
  select: { readingId: true },
  take: 1,
} as const satisfies Prisma.ReferenceStandard$consensusArgs;

/**
 * Reference standards that may score the readers of a study: made neither from its own readings nor, in another study,
 * by one of its readers as reader or arbitrator. Who helped to make the standard would be measured by themselves.
 */
export const whereIndependentOf = (readerStudyId: string): Prisma.ReferenceStandardWhereInput => ({
  AND: [
    { OR: [{ readerStudyId: null }, { readerStudyId: { not: readerStudyId } }] },
    {
      OR: [
        { arbitrationId: null },
        { arbitration: { arbitrator: { assignments: { none: { readerStudyId } } } } },
      ],
    },
    {
      consensus: {
        none: { reading: { assignment: { reader: { assignments: { some: { readerStudyId } } } } } },
      },
    },
  ],
});
