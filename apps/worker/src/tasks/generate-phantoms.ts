import { generatePhantomSite } from "@crossread/datasets/phantom-cohort";
import type { PhantomStudy } from "@crossread/datasets/phantom-study";
import { writeMammogram } from "@crossread/dicom/write-mammogram";
import { inspectFile } from "./inspect-file.ts";
import type { TaskContext } from "./task-context.ts";
import type { ReferencedStudy, TaskInput, TaskOutput } from "./task-contracts.ts";

/** One phantom site as DICOM files that pass the same inspection as an upload. */
export async function generatePhantoms(
  input: TaskInput<"generate-phantoms">,
  context: TaskContext<"generate-phantoms">,
): Promise<TaskOutput<"generate-phantoms">> {
  const { frame, ...options } = input;
  const site = generatePhantomSite({ ...options, ...(frame === null ? {} : { frame }) });
  for (const study of site.studies()) await context.emit(await storeStudy(study, context));
  return { count: site.caseCount };
}

async function storeStudy(
  study: PhantomStudy,
  context: TaskContext<"generate-phantoms">,
): Promise<ReferencedStudy> {
  const files: ReferencedStudy["files"] = [];
  const findings = new Map<string, ReferencedStudy["findings"][number]>();
  for (const instance of study.instances) {
    const { finding, header, laterality, lesions } = instance;
    findings.set(laterality, { laterality, finding });
    const outcome = await inspectFile(
      context.store,
      writeMammogram(header, instance.pixels),
      header.sopInstanceUid,
    );
    if (!outcome.ok) throw new Error(`A phantom was refused: ${outcome.message}`);
    files.push({ file: outcome.file, lesions: [...lesions] });
  }
  return { density: study.density, findings: [...findings.values()], files };
}
