import type { Prisma } from "./generated/client.ts";

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
