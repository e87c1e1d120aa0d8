package gate.rules.change.host_access_test

import rego.v2

import data.gate.lib.sample_test as sample
import data.gate.rules.change.host_access

container(fields) := object.union(sample.allowed.manifests.after.containers[0], fields)

manifest(fields) := object.union(sample.allowed.manifests.after, fields)

changing(before, after) := sample.changed({"manifests": {"before": before, "after": after}})

messages(document) := found if {
	found := host_access.deny with input as document
}

privileged := manifest({"containers": [container({"privileged": true})]})

test_nothing_new_is_let_by if {
	messages(sample.allowed) == set()
	messages(changing(privileged, privileged)) == set()
	messages(changing(manifest({"host_network": true}), manifest({"host_network": true}))) == set()
}

test_a_newly_privileged_container_is_refused if {
	messages(changing(manifest({}), privileged)) == {"the change gives the target the privileged container api"}
	messages(changing(null, privileged)) == {"the change gives the target the privileged container api"}
}

test_each_way_to_the_node_is_refused if {
	every field in ["host_network", "host_pid", "host_ipc"] {
		count(messages(changing(manifest({}), manifest({field: true})))) == 1
	}
	count(messages(changing(manifest({}), manifest({"host_paths": ["/var/run"]})))) == 1
}

test_another_path_is_another_way if {
	said := messages(changing(manifest({"host_paths": ["/var/log"]}), manifest({"host_paths": ["/var/log", "/etc"]})))
	said == {"the change gives the target the node's path /etc"}
}

test_taking_it_away_is_no_refusal if messages(changing(privileged, manifest({}))) == set()

test_an_object_that_isnt_read_whole_is_refused if {
	count(messages(changing(manifest({}), manifest({"complete": false})))) == 1
	unsaid := json.remove(sample.allowed, ["/manifests/after/complete"])
	count(messages(unsaid)) == 1
}

test_an_action_without_an_object_is_let_by if messages(changing(null, null)) == set()

test_without_the_field_it_is_refused if count(messages(sample.without(["manifests"]))) == 1
