# METADATA
# title: Who proposes
# description: Only what is known to be a person is treated as one; any other kind, a new one too, is automation.
package gate.lib.proposer

import rego.v2

automated if not input.proposer.kind == "person"
