package gate.rules.target.managed_by_git_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.target.managed_by_git

refusals(document) := found if {
	found := count(managed_by_git.deny) with input as document
}

unmanaged := sample.changed({"facts": {"target": {"managed_by_git": false}}})

test_what_git_manages_passes if refusals(sample.allowed) == 0

test_what_git_does_not_manage_is_refused if {
	messages := managed_by_git.deny with input as unmanaged
	messages == {"payments-api is not managed by Git, so no change of it can be proposed"}
}

test_an_action_without_a_change_passes if refusals(object.union(unmanaged, {"change": {"needed": false}})) == 0

test_what_is_brought_back_is_not_managed_yet if {
	refusals(object.union(unmanaged, {"action": {"kind": "restore_resource"}})) == 0
}

test_not_knowing_is_refused if {
	refusals(sample.without(["facts", "target", "managed_by_git"])) == 1
	refusals(sample.without(["facts", "target"])) == 1
	refusals(json.remove(unmanaged, ["change/needed"])) == 1
	found := count(managed_by_git.deny) with input as unmanaged with data.gate.data.actions as {}
	found == 1
}

test_the_list_is_declared_as_needed if count(managed_by_git.needs) == 1
