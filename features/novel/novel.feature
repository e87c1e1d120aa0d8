Feature: An incident of no known class is for senior people

  @rule:tier/novel @rule:approval/senior
  Scenario: Even a restart waits for a senior engineer
    Given payments-api crash-loops in production after a release
    And the incident is of no known class
    When the agent proposes to restart payments-api
    Then it counts as advanced
    And it waits for one person of role:senior
    And nothing was merged

  Scenario: Escalating it stays possible
    Given payments-api crash-loops in production after a release
    And the incident is of no known class
    When the agent proposes to escalate payments-api
    Then it is only recorded
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: Its analysis offers people, and watching until they come
    Given payments-api crash-loops in production after a release
    And the incident is of no known class
    When the incident is analysed
    Then people are offered escalating and watching, and nothing else
    And nothing was opened, merged or spent, and nobody was told of a fix
