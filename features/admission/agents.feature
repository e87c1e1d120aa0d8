Feature: An agent writes nothing to the cluster itself

  Background:
    Given payments-api crash-loops in production after a release

  @rule:receipt/matches
  Scenario Outline: Whatever it tries is refused, and the attempt is on record
    When the agent tries to <what> in the cluster itself
    Then the cluster is told no: "agents:triage may not write to the cluster itself"
    And the attempt is on record as <action>
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | what                    | action            |
      | scale payments-api      | scale_workload    |
      | change its image        | set_image         |
      | delete payments-api     | delete_resource   |
      | run a command in it     | connect_exec      |
      | write what nobody knows | edit_by_hand      |
      | delete all of them      | delete_collection |

  Scenario: A rehearsal is refused as well and leaves nothing behind
    When the agent rehearses to scale payments-api in the cluster itself
    Then the cluster is told no: "agents:triage may not write to the cluster itself"
    And nothing was recorded
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: No emergency makes an agent a person
    When the agent breaks the glass to scale payments-api in the cluster itself
    Then the cluster is told no: "agents:triage may not write to the cluster itself"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: People are held by the cluster's own roles
    When alice tries to scale payments-api in the cluster itself
    Then the cluster is told yes
    And nothing was recorded

  Scenario: Not knowing who writes is a refusal
    Given the policy no longer says who is an agent
    When alice tries to scale payments-api in the cluster itself
    Then the cluster is told no: "admission doesn't list who writes"
