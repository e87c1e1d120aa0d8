Feature: Every kind of action starts from a risk that the policy data names

  @rule:tier/base
  Scenario: As shipped, outside production
    Given payments-api crash-loops in production after a release
    When alice proposes to restart payments-api
    Then each kind of action would count as, in staging:
      | acknowledge_duplicate   | none     |
      | escalate                | none     |
      | clear_cache             | safe     |
      | clear_ephemeral_storage | safe     |
      | rerun_job               | safe     |
      | restart_workload        | safe     |
      | retry_sync              | safe     |
      | rotate_logs             | safe     |
      | scale_workload          | safe     |
      | adjust_hpa              | moderate |
      | adjust_pdb              | moderate |
      | change_certificate      | moderate |
      | change_service          | moderate |
      | change_taint            | moderate |
      | codify_drift            | moderate |
      | cordon_node             | moderate |
      | drain_node              | moderate |
      | fail_over               | moderate |
      | patch_config            | moderate |
      | restore_resource        | moderate |
      | revert_commit           | moderate |
      | revert_drift            | moderate |
      | rollback_workload       | moderate |
      | set_feature_flag        | moderate |
      | set_image               | moderate |
      | set_probe               | moderate |
      | set_resources           | moderate |
      | silence_alert           | moderate |
      | suspend_cronjob         | moderate |
      | change_iam              | advanced |
      | change_network_policy   | advanced |
      | change_rbac             | advanced |
      | delete_resource         | advanced |
      | expand_volume           | advanced |
      | set_security_context    | advanced |
      | terraform_change        | advanced |
    And nothing was opened, merged or spent by asking
