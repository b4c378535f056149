/** Names and versions of devices: free text at the machine, so only words that name devices stay. */

const vocabulary = new Set(
  [
    // makers
    "Hologic Lorad GE Medical Systems Healthcare General Electric Siemens Healthineers Fujifilm Fuji Photo Film",
    "Philips Sectra IMS Giotto Planmed Planmeca Agfa Gevaert Kodak Carestream Health Konica Minolta Canon Toshiba",
    "Metaltronica Internazionale Medico Scientifica Analogic Anrad Fischer Imaging Instrumentarium Trex Vidar",
    "Howtek Lumisys DBA Genray Adani Villa Sistemi Medicali Samsung Vieworks Rayence Varex Dexela iCRco iCAD",
    "Crossread Aster Boreal Cirrus Radiology One Corporation Corp Inc Ltd LLC GmbH AG SA SpA NV Oy AB Co Company Limited Technologies Technology",
    // models
    "Selenia Dimensions Lorad Senographe Senoscan Senobright Pristina Essential Mammomat Inspiration Revelation",
    "Novation Balance Fusion Amulet Innovality Felicia Profect MicroDose Class Tomo Image Clarity Nuance Sophie",
    "Affinity Performa Helianthus Lilyum Mammodiagnost Mammograph Mammography Mammo Mam Digital Film Digitizer",
    "Scanner Phantom Synthetic Breast Embrace Excel Classic DirectView Regius Aspire Secur Viewer Workstation",
    "Acquisition Discovery Optima Brivo Revolution Signa Achieva Ingenia Magnetom Somatom Sensation Definition",
    "Aquilion Voluson Logiq Epiq Avanto Symphony Lightspeed Brilliance Genesis Hispeed CTI Jupiter Symbol",
    // software and windows
    "Version Software Build Release Rel Ver Rev Service Pack Patch Prod Application Platform Linux Windows",
    "Normal Harder Softer Soft Hard Standard User Algo Default Contrast High Low Medium Window Preset Sharp",
    "Lung Bone Brain Abdomen Mediastinum Premium View Tissue Equalization Equalisation Peripheral Processing",
    "SmartPoint Opview Mammocad Cview Intelligent 2D 3D AWS ADS DS DR CR FFDM MDM ADM ACQ",
  ]
    .join(" ")
    .toLowerCase()
    .split(/\s+/),
);

/** A part of a version: "VB30K", "AWS", "1", "54b"; no run of more than five digits. */
const versionPart = /^[A-Za-z]{0,4}\d{1,5}[A-Za-z]{0,2}$/;
const maxDigitsOfWord = 9;
const bareNumber = /^\d{1,4}$/;

/** The value with every word left out that is neither vocabulary nor version, and of bare numbers all but the first. */
export function cleanDeviceText(text: string): string {
  const words = text.split(/[\s,;()"']+/).filter(isDeviceWord);
  const firstNumber = words.findIndex((word) => bareNumber.test(word));
  return words.filter((word, index) => index === firstNumber || !/^\d+$/.test(word)).join(" ");
}

function isDeviceWord(word: string): boolean {
  if (!/^[A-Za-z0-9][\w.:/&-]*$/.test(word) || isDateLike(word)) return false;
  const parts = word.split(/[-_./:&]+/).filter((part) => part !== "");
  const digitCount = word.replaceAll(/\D/g, "").length;
  return (
    digitCount <= maxDigitsOfWord &&
    parts.every((part) => vocabulary.has(part.toLowerCase()) || versionPart.test(part))
  );
}

/** "1958.04.12", "12-04-1958", "12.04.58": a date may look like a version. */
function isDateLike(word: string): boolean {
  return /(?:19|20)\d{2}\D?[01]?\d\D?[0-3]\d/.test(word) || /[0-3]\d\D[01]\d\D(?:19|20)?\d{2}$/.test(word);
}
