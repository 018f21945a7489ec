import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import draft04 from 'ajv-draft-04';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import pc from 'picocolors';
import type { Log } from 'sarif';
import { expect, it } from 'vitest';
import type { Diagnostic, SourceFile, Span } from '../../../spec/diagnostics/diagnostic.js';
import { command, spec } from '../../../spec/diagnostics/pages/page.js';
import type { Report } from './findings.js';
import { githubReport } from './github.js';
import { jsonReport } from './json.js';
import { junitReport } from './junit.js';
import { prettyReport } from './pretty.js';
import { sarifReport } from './sarif.js';

const PLAIN = pc.createColors(false);

const BASE: SourceFile = { name: 'specs/base.yaml', text: 'version: 1\ntrain: { batc: 4 }\n' };
const CHILD: SourceFile = {
  name: './specs/100%, "<😀>".yaml',
  text: "extends: ./base.yaml\ntitle: '😀' # x\nobjective: { use: began, with: { gamma: 2 } }\n",
};
const LIBRARY: SourceFile = { name: 'library/began.yaml', text: 'let:\n  fake: G(z)\n' };

function span(file: SourceFile, text: string): Span {
  const start = file.text.indexOf(text);
  return { file, start, end: start + text.length };
}

const MISSPELT: Diagnostic = {
  code: 'schema/unknown-key',
  severity: 'error',
  message: '`train` does not know the key `batc`',
  span: span(BASE, 'batc'),
  note: 'Examples per batch.',
  help: 'Did you mean `batch`?',
};
const IN_LIBRARY: Diagnostic = {
  code: 'model/shape-mismatch',
  severity: 'error',
  message: 'Shapes differ, 50% & more',
  span: span(LIBRARY, 'G(z)'),
  related: [{ message: 'used here', span: span(CHILD, 'use: began, with: { gamma: 2 }') }],
};
const ON_TWO_LINES: Diagnostic = {
  code: 'model/unused',
  severity: 'warning',
  message: 'The text `😀` has an \u001b escape',
  span: span(CHILD, "'😀' # x\nobjective"),
  related: [{ message: 'first written here', span: span(BASE, 'version') }],
};
const NO_PLACE: Diagnostic = {
  code: 'data/empty-folder',
  severity: 'information',
  message: 'A folder holds nothing',
};
const UNREADABLE: Diagnostic = {
  code: 'run/file',
  severity: 'error',
  message: 'The spec `gone.yaml` cannot be read: there is no such file',
};

const REPORT: Report = {
  files: [
    { name: BASE.name, sources: [BASE], diagnostics: [MISSPELT] },
    { name: CHILD.name, sources: [CHILD, BASE], diagnostics: [MISSPELT, IN_LIBRARY, ON_TWO_LINES, NO_PLACE] },
    { name: 'good.yaml', sources: [], diagnostics: [] },
    { name: '/elsewhere/gone.yaml', sources: [], diagnostics: [], unreadable: [UNREADABLE] },
  ],
  workingFolder: '/work',
  tool: { name: 'began-compile', version: '1.2.3' },
  strict: false,
  pages: new Map([
    [
      'schema/unknown-key',
      {
        explanation: 'Keys are checked.',
        bad: spec('batc: 1\n'),
        good: spec('batch: 1\n', { where: 'It is said once.' }),
      },
    ],
    [
      'model/unused',
      {
        explanation: 'Nothing reads it.',
        bad: command('began-compile run a.yaml', 'It warns.'),
        good: command('began-compile run b.yaml', 'It does not.'),
      },
    ],
  ]),
};
const CLEAN: Report = { ...REPORT, files: [REPORT.files[2]!] };

it('pretty shows a mistake of a shared base once, and counts by code', () => {
  expect(prettyReport(REPORT, PLAIN, true)).toMatchInlineSnapshot(`
    "error[schema/unknown-key] \`train\` does not know the key \`batc\`
     --> specs/base.yaml:2:10
      |
    2 | train: { batc: 4 }
      |          ^^^^
    why: Examples per batch.
    help: Did you mean \`batch\`?

    error[model/shape-mismatch] Shapes differ, 50% & more
     --> library/began.yaml:2:9
      |
    2 |   fake: G(z)
      |         ^^^^
    note: used here
     --> ./specs/100%, "<😀>".yaml:3:14
      |
    3 | objective: { use: began, with: { gamma: 2 } }
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    warning[model/unused] The text \`😀\` has an � escape
     --> ./specs/100%, "<😀>".yaml:2:8
      |
    2 | title: '😀' # x
      |        ^^^^^^^
    3 | objective: { use: began, with: { gamma: 2 } }
      | ^^^^^^^^^
    note: first written here
     --> specs/base.yaml:1:1
      |
    1 | version: 1
      | ^^^^^^^

    information[data/empty-folder] A folder holds nothing

    3 files checked: 2 errors, 1 warning; 1 file could not be read

      findings  code                  where      what it says
             1  data/empty-folder     in 1 file  A folder holds no readable image
             1  model/shape-mismatch  in 1 file  Shapes that do not fit together
             1  model/unused          in 1 file  Something is defined and never used
             1  schema/unknown-key    in 1 file  A key that the language does not know
    "
  `);
  expect(prettyReport(CLEAN, PLAIN, true)).toBe('1 file checked: no errors, no warnings\n');
});

it('json tells places in files and in the library apart', () => {
  expect(jsonReport(REPORT)).toMatchInlineSnapshot(`
    "{
      "version": 1,
      "tool": {
        "name": "began-compile",
        "version": "1.2.3"
      },
      "strict": false,
      "summary": {
        "files": 4,
        "unreadable": 1,
        "errors": 2,
        "warnings": 1,
        "information": 1
      },
      "files": [
        {
          "path": "specs/base.yaml",
          "status": "findings"
        },
        {
          "path": "specs/100%, \\"<😀>\\".yaml",
          "status": "findings"
        },
        {
          "path": "good.yaml",
          "status": "clean"
        },
        {
          "path": "/elsewhere/gone.yaml",
          "status": "unreadable"
        }
      ],
      "findings": [
        {
          "code": "schema/unknown-key",
          "title": "A key that the language does not know",
          "severity": "error",
          "message": "\`train\` does not know the key \`batc\`",
          "why": "Examples per batch.",
          "help": "Did you mean \`batch\`?",
          "checked": "specs/base.yaml",
          "place": {
            "origin": "file",
            "path": "specs/base.yaml",
            "start": {
              "line": 2,
              "column": 10,
              "offset": 20
            },
            "end": {
              "line": 2,
              "column": 14,
              "offset": 24
            }
          },
          "related": []
        },
        {
          "code": "model/shape-mismatch",
          "title": "Shapes that do not fit together",
          "severity": "error",
          "message": "Shapes differ, 50% & more",
          "checked": "specs/100%, \\"<😀>\\".yaml",
          "place": {
            "origin": "library",
            "path": "library/began.yaml",
            "start": {
              "line": 2,
              "column": 9,
              "offset": 13
            },
            "end": {
              "line": 2,
              "column": 13,
              "offset": 17
            }
          },
          "related": [
            {
              "message": "used here",
              "place": {
                "origin": "file",
                "path": "specs/100%, \\"<😀>\\".yaml",
                "start": {
                  "line": 3,
                  "column": 14,
                  "offset": 50
                },
                "end": {
                  "line": 3,
                  "column": 44,
                  "offset": 80
                }
              }
            }
          ]
        },
        {
          "code": "model/unused",
          "title": "Something is defined and never used",
          "severity": "warning",
          "message": "The text \`😀\` has an \\u001b escape",
          "checked": "specs/100%, \\"<😀>\\".yaml",
          "place": {
            "origin": "file",
            "path": "specs/100%, \\"<😀>\\".yaml",
            "start": {
              "line": 2,
              "column": 8,
              "offset": 28
            },
            "end": {
              "line": 3,
              "column": 10,
              "offset": 46
            }
          },
          "related": [
            {
              "message": "first written here",
              "place": {
                "origin": "file",
                "path": "specs/base.yaml",
                "start": {
                  "line": 1,
                  "column": 1,
                  "offset": 0
                },
                "end": {
                  "line": 1,
                  "column": 8,
                  "offset": 7
                }
              }
            }
          ]
        },
        {
          "code": "data/empty-folder",
          "title": "A folder holds no readable image",
          "severity": "information",
          "message": "A folder holds nothing",
          "checked": "specs/100%, \\"<😀>\\".yaml",
          "related": []
        }
      ],
      "unreadable": [
        {
          "code": "run/file",
          "message": "The spec \`gone.yaml\` cannot be read: there is no such file"
        }
      ]
    }
    "
  `);
});

it('github escapes what would end a command, and stands in files of the user', () => {
  expect(githubReport(REPORT)).toMatchInlineSnapshot(`
    "::error file=/elsewhere/gone.yaml,title=run/file::The spec \`gone.yaml\` cannot be read: there is no such file
    ::error file=specs/base.yaml,line=2,endLine=2,col=10,endColumn=13,title=schema/unknown-key::\`train\` does not know the key \`batc\`%0AExamples per batch.%0ADid you mean \`batch\`?
    ::error file=specs/100%25%2C "<😀>".yaml,line=3,endLine=3,col=14,endColumn=43,title=model/shape-mismatch::Shapes differ, 50%25 & more%0AFound at library/began.yaml:2:9
    ::warning file=specs/100%25%2C "<😀>".yaml,line=2,endLine=3,title=model/unused::The text \`😀\` has an � escape
    ::notice file=specs/100%25%2C "<😀>".yaml,line=1,title=data/empty-folder::A folder holds nothing
    "
  `);
  expect(githubReport({ ...REPORT, strict: true }).split('\n')[3]).toMatch(
    /^::error file=.*title=model\/unused/,
  );
  expect(githubReport(CLEAN)).toBe('');
});

it('sarif is what its standard asks for', () => {
  const path = createRequire(import.meta.url).resolve(
    '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
  );
  const { $schema, ...schema } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  expect($schema).toBe('http://json-schema.org/draft-04/schema#');
  // Its formats are uri and date-time; ajv leaves those to another package.
  const ajv = new draft04.default({
    strict: false,
    unicodeRegExp: false,
    allErrors: true,
    formats: { 'date-time': true, uri: isUri, 'uri-reference': isReference },
  });
  const validate = ajv.compile(schema);
  for (const report of [REPORT, CLEAN, { ...REPORT, strict: true }]) {
    validate(JSON.parse(sarifReport(report)));
    expect(validate.errors).toBe(null);
  }
  expect(validate({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false);
  expect(sarifReport(REPORT)).toMatchInlineSnapshot(`
    "{
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "began-compile",
              "semanticVersion": "1.2.3",
              "rules": [
                {
                  "id": "data/empty-folder",
                  "shortDescription": {
                    "text": "A folder holds no readable image"
                  },
                  "properties": {
                    "tags": [
                      "data"
                    ]
                  }
                },
                {
                  "id": "model/shape-mismatch",
                  "shortDescription": {
                    "text": "Shapes that do not fit together"
                  },
                  "properties": {
                    "tags": [
                      "model"
                    ]
                  }
                },
                {
                  "id": "model/unused",
                  "shortDescription": {
                    "text": "Something is defined and never used"
                  },
                  "properties": {
                    "tags": [
                      "model"
                    ]
                  },
                  "fullDescription": {
                    "text": "Nothing reads it."
                  },
                  "help": {
                    "text": "Nothing reads it.\\n\\nBad:\\n\\nbegan-compile run a.yaml\\n\\nIt warns.\\n\\nGood:\\n\\nbegan-compile run b.yaml\\n\\nIt does not.",
                    "markdown": "Nothing reads it.\\n\\nBad:\\n\\n\`\`\`sh\\nbegan-compile run a.yaml\\n\`\`\`\\n\\nIt warns.\\n\\nGood:\\n\\n\`\`\`sh\\nbegan-compile run b.yaml\\n\`\`\`\\n\\nIt does not."
                  }
                },
                {
                  "id": "schema/unknown-key",
                  "shortDescription": {
                    "text": "A key that the language does not know"
                  },
                  "properties": {
                    "tags": [
                      "schema"
                    ]
                  },
                  "fullDescription": {
                    "text": "Keys are checked."
                  },
                  "help": {
                    "text": "Keys are checked.\\n\\nBad:\\n\\nbatc: 1\\n\\nGood:\\n\\nbatch: 1\\n\\nIt is said once.",
                    "markdown": "Keys are checked.\\n\\nBad:\\n\\n\`\`\`yaml\\nbatc: 1\\n\`\`\`\\n\\nGood:\\n\\n\`\`\`yaml\\nbatch: 1\\n\`\`\`\\n\\nIt is said once."
                  }
                }
              ]
            }
          },
          "columnKind": "utf16CodeUnits",
          "invocations": [
            {
              "executionSuccessful": false,
              "toolExecutionNotifications": [
                {
                  "level": "error",
                  "descriptor": {
                    "id": "run/file"
                  },
                  "message": {
                    "text": "The spec \`gone.yaml\` cannot be read: there is no such file"
                  },
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "file:///elsewhere/gone.yaml"
                        }
                      }
                    }
                  ]
                }
              ]
            }
          ],
          "results": [
            {
              "ruleId": "schema/unknown-key",
              "ruleIndex": 3,
              "level": "error",
              "message": {
                "text": "\`train\` does not know the key \`batc\`\\nExamples per batch.\\nDid you mean \`batch\`?"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "specs/base.yaml"
                    },
                    "region": {
                      "startLine": 2,
                      "startColumn": 10,
                      "endLine": 2,
                      "endColumn": 14
                    }
                  }
                }
              ],
              "relatedLocations": [],
              "partialFingerprints": {
                "findingText/v1": "f21fa548d632a8f2f6eb1765dbc6678a"
              }
            },
            {
              "ruleId": "model/shape-mismatch",
              "ruleIndex": 1,
              "level": "error",
              "message": {
                "text": "Shapes differ, 50% & more\\nFound at library/began.yaml:2:9"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "specs/100%25%2C%20%22%3C%F0%9F%98%80%3E%22.yaml"
                    },
                    "region": {
                      "startLine": 3,
                      "startColumn": 14,
                      "endLine": 3,
                      "endColumn": 44
                    }
                  }
                }
              ],
              "relatedLocations": [],
              "partialFingerprints": {
                "findingText/v1": "cfaca8c9f284d4f1c47f8abb1a67a8c2"
              }
            },
            {
              "ruleId": "model/unused",
              "ruleIndex": 2,
              "level": "warning",
              "message": {
                "text": "The text \`😀\` has an � escape"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "specs/100%25%2C%20%22%3C%F0%9F%98%80%3E%22.yaml"
                    },
                    "region": {
                      "startLine": 2,
                      "startColumn": 8,
                      "endLine": 3,
                      "endColumn": 10
                    }
                  }
                }
              ],
              "relatedLocations": [
                {
                  "id": 1,
                  "message": {
                    "text": "first written here"
                  },
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "specs/base.yaml"
                    },
                    "region": {
                      "startLine": 1,
                      "startColumn": 1,
                      "endLine": 1,
                      "endColumn": 8
                    }
                  }
                }
              ],
              "partialFingerprints": {
                "findingText/v1": "313a2d65f5b680bd086d377f8833bd31"
              }
            },
            {
              "ruleId": "data/empty-folder",
              "ruleIndex": 0,
              "level": "note",
              "message": {
                "text": "A folder holds nothing"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "specs/100%25%2C%20%22%3C%F0%9F%98%80%3E%22.yaml"
                    }
                  }
                }
              ],
              "relatedLocations": [],
              "partialFingerprints": {
                "findingText/v1": "daf907222a6e85b824cc49d018fe79a6"
              }
            }
          ]
        }
      ]
    }
    "
  `);
});

const isUri = (text: string): boolean => URL.canParse(text);
const isReference = (text: string): boolean => URL.canParse(text, 'file:///specs/') && !/[\s"<>]/.test(text);

it('a sarif fingerprint survives lines that are added above, and tells equal findings apart', () => {
  const fingerprints = (text: string, times = 1) => {
    const file = { name: 'a.yaml', text };
    const found = { ...MISSPELT, span: span(file, 'batc') };
    const again = { ...found, span: { ...found.span, start: found.span.start + 1 } };
    const diagnostics = [found, again].slice(0, times);
    const log = JSON.parse(
      sarifReport({ ...REPORT, files: [{ name: 'a.yaml', sources: [file], diagnostics }] }),
    ) as Log;
    return log.runs[0]!.results!.map(({ partialFingerprints }) => partialFingerprints!['findingText/v1']);
  };
  const [before] = fingerprints('train: { batc: 4 }\n');
  expect(fingerprints('# a title\n\ntrain: { batc: 4 }\n')).toEqual([before]);
  expect(fingerprints('train: { batc: 5 }\n')).not.toEqual([before]);
  expect(new Set(fingerprints('train: { batc: 4 }\n', 2)).size).toBe(2);
});

it('junit is XML that another parser reads: findings fail, warnings under strict only', () => {
  const xml = junitReport(REPORT);
  expect(XMLValidator.validate(xml)).toBe(true);
  expect(xml).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="began-compile validate" tests="7" failures="3" errors="1">
      <testsuite name="specs/base.yaml" tests="1" failures="1" errors="0">
        <testcase name="schema/unknown-key at 2:10: \`train\` does not know the key \`batc\`" classname="specs/base.yaml" file="specs/base.yaml">
          <failure message="\`train\` does not know the key \`batc\`" type="schema/unknown-key">A key that the language does not know

    error[schema/unknown-key] \`train\` does not know the key \`batc\`
     --&gt; specs/base.yaml:2:10
      |
    2 | train: { batc: 4 }
      |          ^^^^
    why: Examples per batch.
    help: Did you mean \`batch\`?</failure>
        </testcase>
      </testsuite>
      <testsuite name="specs/100%, &quot;&lt;😀&gt;&quot;.yaml" tests="4" failures="2" errors="0">
        <testcase name="schema/unknown-key at 2:10: \`train\` does not know the key \`batc\`" classname="specs/100%, &quot;&lt;😀&gt;&quot;.yaml" file="specs/100%, &quot;&lt;😀&gt;&quot;.yaml">
          <failure message="\`train\` does not know the key \`batc\`" type="schema/unknown-key">A key that the language does not know

    error[schema/unknown-key] \`train\` does not know the key \`batc\`
     --&gt; specs/base.yaml:2:10
      |
    2 | train: { batc: 4 }
      |          ^^^^
    why: Examples per batch.
    help: Did you mean \`batch\`?</failure>
        </testcase>
        <testcase name="model/shape-mismatch at 2:9: Shapes differ, 50% &amp; more" classname="specs/100%, &quot;&lt;😀&gt;&quot;.yaml" file="specs/100%, &quot;&lt;😀&gt;&quot;.yaml">
          <failure message="Shapes differ, 50% &amp; more" type="model/shape-mismatch">Shapes that do not fit together

    error[model/shape-mismatch] Shapes differ, 50% &amp; more
     --&gt; library/began.yaml:2:9
      |
    2 |   fake: G(z)
      |         ^^^^
    note: used here
     --&gt; ./specs/100%, &quot;&lt;😀&gt;&quot;.yaml:3:14
      |
    3 | objective: { use: began, with: { gamma: 2 } }
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^</failure>
        </testcase>
        <testcase name="model/unused at 2:8: The text \`😀\` has an � escape" classname="specs/100%, &quot;&lt;😀&gt;&quot;.yaml" file="specs/100%, &quot;&lt;😀&gt;&quot;.yaml">
          <system-out>warning[model/unused] The text \`😀\` has an � escape
     --&gt; ./specs/100%, &quot;&lt;😀&gt;&quot;.yaml:2:8
      |
    2 | title: &apos;😀&apos; # x
      |        ^^^^^^^
    3 | objective: { use: began, with: { gamma: 2 } }
      | ^^^^^^^^^
    note: first written here
     --&gt; specs/base.yaml:1:1
      |
    1 | version: 1
      | ^^^^^^^</system-out>
        </testcase>
        <testcase name="data/empty-folder: A folder holds nothing" classname="specs/100%, &quot;&lt;😀&gt;&quot;.yaml" file="specs/100%, &quot;&lt;😀&gt;&quot;.yaml">
          <system-out>information[data/empty-folder] A folder holds nothing</system-out>
        </testcase>
      </testsuite>
      <testsuite name="good.yaml" tests="1" failures="0" errors="0">
        <testcase name="has no findings" classname="good.yaml" file="good.yaml"/>
      </testsuite>
      <testsuite name="/elsewhere/gone.yaml" tests="1" failures="0" errors="1">
        <testcase name="run/file: The spec \`gone.yaml\` cannot be read: there is no such file" classname="/elsewhere/gone.yaml" file="/elsewhere/gone.yaml">
          <error message="The spec \`gone.yaml\` cannot be read: there is no such file" type="run/file">A file cannot be read or written

    error[run/file] The spec \`gone.yaml\` cannot be read: there is no such file</error>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: true,
  });
  const counts = (text: string) => {
    const { testsuites } = parser.parse(text) as Record<string, Record<string, unknown>>;
    return [testsuites!['tests'], testsuites!['failures'], testsuites!['errors']];
  };
  expect(counts(xml)).toEqual([7, 3, 1]);
  expect(counts(junitReport({ ...REPORT, strict: true }))).toEqual([7, 4, 1]);
  expect(counts(junitReport(CLEAN))).toEqual([1, 0, 0]);
});
