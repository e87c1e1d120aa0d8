Feature: The matrix says how many people an action wants

  @rule:approval/owner
  Scenario: As shipped, by risk, environment and how critical the target is
    Given payments-api crash-loops in production after a release
    When alice proposes to restart payments-api
    Then this many people would be asked:
      | action               | environment | criticality | owner | platform |
      | rollback_workload    | production  | critical    | 2     | 0        |
      | rollback_workload    | production  | standard    | 1     | 0        |
      | rollback_workload    | staging     | critical    | 1     | 0        |
      | rollback_workload    | staging     | standard    | 1     | 0        |
      | rollback_workload    | development | critical    | 1     | 0        |
      | rollback_workload    | development | standard    | 1     | 0        |
      | set_security_context | production  | critical    | 1     | 1        |
      | set_security_context | production  | standard    | 1     | 1        |
      | set_security_context | staging     | critical    | 1     | 1        |
      | set_security_context | staging     | standard    | 1     | 1        |
      | set_security_context | development | critical    | 1     | 1        |
      | set_security_context | development | standard    | 1     | 1        |
    And nothing was opened, merged or spent by asking
